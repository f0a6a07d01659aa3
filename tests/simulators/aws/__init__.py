"""An AWS account that moto plays."""

import os
from pathlib import Path

#: moto's own list has hundreds in each region, which take it a second.
PUBLIC_AMIS = Path(__file__).with_name("public_amis.json")

# moto reads it once, when it is imported: no module of this package can do that earlier.
os.environ.setdefault("MOTO_AMIS_PATH", str(PUBLIC_AMIS))
