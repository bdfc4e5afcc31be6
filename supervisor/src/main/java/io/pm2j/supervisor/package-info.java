@NullMarked
package io.pm2j.supervisor;

import org.jspecify.annotations.NullMarked;
