"""Oracle Cloud for tests: what Packer, the bakery and Pulumi's simulated provider all see."""
