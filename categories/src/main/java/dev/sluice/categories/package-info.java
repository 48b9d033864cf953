/// Which category a transaction belongs to.
@NullMarked
package dev.sluice.categories;

import org.jspecify.annotations.NullMarked;
