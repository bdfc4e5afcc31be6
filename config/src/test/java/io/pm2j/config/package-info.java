/// Facts about the values that a person can write.
@NullMarked
package io.pm2j.config;

import org.jspecify.annotations.NullMarked;
