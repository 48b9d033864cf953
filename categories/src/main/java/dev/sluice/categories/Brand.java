package dev.sluice.categories;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A name that is on shops, in all its senses: Tesco sells groceries, and fuel.
///
/// @param name as its owner writes it
/// @param forms all spellings, the name first
/// @param senses what it can stand for; never empty
/// @param shop whether it is in the index' tree of brands, not only of operators or transit
record Brand(String name, List<String> forms, List<Sense> senses, boolean shop) {
    /// One kind of place of that name.
    ///
    /// @param weight how often money goes there, beside others of the same name
    /// @param countries where; empty: in many
    record Sense(Category category, double weight, Set<String> countries) {}

    /// A kind of place, as groups.tsv has it.
    private record Group(Category category, double weight) {}

    Brand {
        forms = List.copyOf(forms);
        senses = List.copyOf(senses);
    }

    /// All brands of brands.tsv, by the letters of their names; lines of one name are one brand.
    static List<Brand> all() {
        Map<String, Group> groups = new HashMap<>();
        for (String[] row : Table.rows("groups.tsv")) {
            groups.put(row[0], new Group(Category.named(row[1]), Double.parseDouble(row[2])));
        }
        Map<String, Brand> brands = new LinkedHashMap<>();
        String name = "";
        for (String[] row : Table.rows("brands.tsv")) {
            if (row[0].startsWith("=")) {
                name = row[0].substring(1);
                continue;
            }
            Group group = groups.get(name);
            if (group != null) {
                Set<String> countries = row.length < 2 || row[1].isEmpty() ? Set.of() : Set.of(row[1].split(","));
                Sense sense = new Sense(group.category(), group.weight(), countries);
                List<String> forms = new ArrayList<>(List.of(row[0]));
                forms.addAll(row.length < 3 ? List.of() : Table.listed(row[2]));
                brands.merge(
                        new Text(row[0]).joined(),
                        new Brand(row[0], forms, List.of(sense), name.startsWith("brands/")),
                        Brand::with);
            }
        }
        return List.copyOf(brands.values());
    }

    Brand with(Brand other) {
        Set<String> both = new LinkedHashSet<>(forms);
        both.addAll(other.forms);
        List<Sense> all = new ArrayList<>(senses);
        all.addAll(other.senses);
        return new Brand(name, List.copyOf(both), all, shop || other.shop);
    }

    /// How probable each category is; in a country, where the brand is known there.
    ///
    /// @param country two small letters, or empty
    Shares shares(String country) {
        boolean there = !country.isEmpty()
                && senses.stream().anyMatch(sense -> sense.countries().contains(country));
        Map<Category, Double> weights = new EnumMap<>(Category.class);
        for (Sense sense : senses) {
            if (!there || sense.countries().isEmpty() || sense.countries().contains(country)) {
                weights.merge(sense.category(), sense.weight(), Double::sum);
            }
        }
        return Shares.of(category -> weights.getOrDefault(category, 0.0));
    }
}
