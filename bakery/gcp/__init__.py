"""Google Cloud as the bakery sees it: images, their records, what dead runs leave."""
