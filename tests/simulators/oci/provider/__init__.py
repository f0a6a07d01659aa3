"""The simulated Pulumi provider of Oracle Cloud, in the tenancy that the bakery sees too."""
