"""The tests, and the simulators that they and the benches use."""
