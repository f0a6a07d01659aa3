"""Oracle Cloud as the bakery sees it: images, their records, exports, listings, leftovers."""
