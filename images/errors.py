"""The root of all mistakes that a person can mend."""


class UserError(Exception):
    """Something the user can put right. The message says what is wrong, where, what to do.

    It is shown without a traceback.
    """
