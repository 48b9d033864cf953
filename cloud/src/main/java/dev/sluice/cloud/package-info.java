/// What all cloud storages stand on, whatever the provider: one HTTP transport that a stop token cuts off, one
/// budget of memory for parts on their way, a place for what is shorter than a part, and the waits between
/// tries.
///
/// It knows no provider and none of their libraries.
@NullMarked
package dev.sluice.cloud;

import org.jspecify.annotations.NullMarked;
