# Policies over plan.json (`headroom export FILE --as plan`). Copy them, and set the numbers and names to your own.
#   opa eval --fail-defined --input plan.json --data headroom.rego 'data.headroom.deny[x]'
package headroom

import rego.v1

ceiling_usd_per_month := 5000

regions := {"eu-central-1", "eu-west-1", "us-east-1"}

families := {"ml.m5", "ml.c5", "ml.m6i", "ml.c6i", "ml.g5", "ml.g6"}

tags := {"headroom:owner"}

production if input.tags.environment == "production"

deny contains "the plan does not meet its requirement" if not input.predicted.meets

deny contains sprintf("at its maximum it costs %v USD a month, more than %v", [input.cost.usd_per_month_at_worst, ceiling_usd_per_month]) if {
	input.cost.usd_per_month_at_worst > ceiling_usd_per_month
}

deny contains "a price is missing, so that the cost is a lower bound" if input.cost.lower_bound

deny contains sprintf("the Region %v is not one of ours", [input.region]) if not input.region in regions

deny contains sprintf("the tag %v is missing", [tag]) if {
	some tag in tags
	not input.tags[tag]
}

deny contains sprintf("the instance type %v is not one of ours", [type]) if {
	some type in instance_types
	parts := split(type, ".")
	not concat(".", array.slice(parts, 0, 2)) in families
}

deny contains "in production a real-time endpoint has two instances or more" if {
	production
	input.pattern == "realtime"
	some resource in input.resources
	resource.kind == "endpoint_config"
	some variant in resource.parameters.ProductionVariants
	variant.InitialInstanceCount < 2
}

instance_types contains variant.InstanceType if {
	some resource in input.resources
	resource.kind == "endpoint_config"
	some variant in resource.parameters.ProductionVariants
	variant.InstanceType
}
