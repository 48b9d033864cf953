package dev.sluice.app;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A setting whose value is shown nowhere and never taken from a command's arguments.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Secret {}
