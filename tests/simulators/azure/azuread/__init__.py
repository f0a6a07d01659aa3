"""The simulated Entra ID: what its provider makes, in the directory of azure_subscription.py."""
