"""What boots an image of this machine: no server does."""

from ops.servers import ServerFacts

SERVER = ServerFacts(name="this machine", command="qemu-img info {id}")
