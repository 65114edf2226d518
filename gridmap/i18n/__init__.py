"""Words of the product in Chinese and English: catalogues, labels of every enum value, dates, numbers and distances."""

from gridmap.i18n.catalogue import LANGUAGE_COOKIE, LANGUAGES, Language, Translate, choose_language, translator
from gridmap.i18n.faults import Notice, describe_error, describe_unexpected

__all__ = [
    "LANGUAGES",
    "LANGUAGE_COOKIE",
    "Language",
    "Notice",
    "Translate",
    "choose_language",
    "describe_error",
    "describe_unexpected",
    "translator",
]
