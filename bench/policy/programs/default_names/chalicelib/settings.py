import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    secret: str = os.getenv("SECRET", "app/secret")
    stream: str = "clicks"
    tags: list = field(default_factory=list)


settings = Settings()
