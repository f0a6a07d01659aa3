"""The simulated Azure: what its provider makes, in the subscription of azure_subscription.py."""
