"""What the workflows in .github run, so that it can be run and tested elsewhere too."""
