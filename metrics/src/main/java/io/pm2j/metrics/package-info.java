@NullMarked
package io.pm2j.metrics;

import org.jspecify.annotations.NullMarked;
