package dev.sluice.app;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Belongs to where a storage is, as `sluice storage list` says it: `bucket clips in us-east-1`.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Place {
    /// Where among the words of its kind.
    int order();

    /// What stands before the value.
    String word() default "";
}
