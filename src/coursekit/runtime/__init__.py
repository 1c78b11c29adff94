"""Runtime: seeds, device, budget, facts of the machine; in ``files``, files that are whole or not there.

Left out: distributed training; see ``torch.distributed``.
"""

from coursekit.runtime import files
from coursekit.runtime.budgets import budget, budget_name
from coursekit.runtime.machine import device, machine_facts, versions
from coursekit.runtime.seeds import generator, seed_everything

__all__ = [
    "budget", "budget_name", "device", "files", "generator", "machine_facts", "seed_everything", "versions",
]  # fmt: skip
