"""The board's name on its network (multicast DNS), and the other boards there.

``presence`` runs it, ``announcement``, ``choice`` and ``neighbours`` decide; who answers on the
network is Avahi (``by_avahi``), where it runs, or a responder of our own (``by_zeroconf``).
"""
