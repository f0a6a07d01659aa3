"""How records are kept with the content that they are of."""
