"""N nodes with one face: real processes, or a model of them inside this process."""

from .cluster import Cluster, start_cluster
from .waiting import expect

__all__ = ["Cluster", "expect", "start_cluster"]
