"""Azure as the bakery sees it: managed images, their records, what dead runs leave."""
