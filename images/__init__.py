"""What an image is: variants, names, digests, records and the contract. No Pulumi, no cloud SDK."""
