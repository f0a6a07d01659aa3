"""The simulated AWS: moto holds what it knows, the store holds the rest."""
