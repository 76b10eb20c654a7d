"""What a relay bills: machines of the hosting price list and the payload through them."""

from __future__ import annotations

from simulator.patterns.protocol import Billing

BILLING = Billing(
    compute={"Instances": ("hosting_instance_s",)},
    data=("realtime_data_in_gb", "realtime_data_out_gb"),
    machines="hosting_instance_s",
)
