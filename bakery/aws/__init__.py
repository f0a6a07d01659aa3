"""AWS as the bakery sees it: AMIs, their records, what dead runs leave."""
