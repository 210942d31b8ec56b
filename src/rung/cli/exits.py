"""Defines the exit codes. Only 0 lets a release pass, whatever the format of the report."""

OK = 0  # allowed, proved, nothing to complain of
DENIED = 1  # denied, refuted, or a file that would be formatted otherwise
BAD_INPUT = 2  # a mistake in a policy, a document or the command line: nothing was decided
UNDECIDED = 3  # neither yes nor no was found
INTERNAL = 4  # a mistake of this program
INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT
BROKEN_PIPE = 141  # 128 and the number of SIGPIPE
