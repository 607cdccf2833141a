"""What every backend must do: one class of tests a port, run against each backend.

A backend's test module gives a fixture ``rig`` (see `tests.contract.rig.Rig`) and derives an empty
``Test…`` class from each contract that its hardware can show.
"""
