/// Facts about reading: files, options, and what is said when they are wrong.
@NullMarked
package io.pm2j.config.read;

import org.jspecify.annotations.NullMarked;
