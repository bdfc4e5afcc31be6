@NullMarked
package io.pm2j.bench;

import org.jspecify.annotations.NullMarked;
