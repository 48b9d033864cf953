/// Which category a bank transaction belongs to, and how sure that is.
///
/// Start at [Categorizer]: it reads the words of a [Booking] ([Text]), names its merchant ([Merchant]), and asks in
/// turn the owner's [Corrections], the [Rules] of direction, the bank's own word or code ([BankWords], [Codes]), the
/// known [Brands], and a [Model] that [Training] makes at build time from the same files. What nobody is sure of stays
/// [Category#UNCATEGORIZED], with three suggestions. How right that is stands in docs/categorization.md.
@NullMarked
package dev.sluice.categories;

import org.jspecify.annotations.NullMarked;
