"""Sets up a machine: finds or installs what the project needs, and writes down what it found."""
