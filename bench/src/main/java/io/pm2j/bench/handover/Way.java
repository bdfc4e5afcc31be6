package io.pm2j.bench.handover;

/// How a [Holder] gives way to the next.
enum Way {
    EXEC("`execve` in place", "go exec"),
    REHEARSED("`execve` in place, rehearsed as `pm2j update` does", "go rehearsed"),
    SUCCESSOR("a successor, by SCM_RIGHTS", "go successor");

    final String text;
    final String word;

    Way(String text, String word) {
        this.text = text;
        this.word = word;
    }
}
