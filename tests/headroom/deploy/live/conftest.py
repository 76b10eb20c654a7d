from tests.aws.fixtures import aws, aws_server
from tests.headroom.deploy.live.drill import drill

__all__ = ["aws", "aws_server", "drill"]
