"""A cluster of modelled nodes, joined by a modelled bus."""

from .layout import Node, Share, shares
from .model import start_model
from .rules import CLUSTER_RULES

__all__ = ["CLUSTER_RULES", "Node", "Share", "shares", "start_model"]
