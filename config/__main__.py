"""`python -m config`: writes what is made from the keys, after a key has changed."""

from config.documents import write

for name in write():
    print(f"written: {name}")
