from tests.aws.fixtures import aws, aws_server, client

__all__ = ["aws", "aws_server", "client"]
