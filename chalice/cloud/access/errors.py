"""Why a request is refused that nobody signed as such."""


class PolicyBrokenError(Exception):
    """A form does not keep to the policy it was signed with. ``str()`` is S3's sentence."""
