package dev.sluice.categories;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What money was for. The list is fixed: rows keep its words for ever, so none is renamed or taken away.
public enum Category {
    /// Food and drink to take home: supermarkets, bakeries, kiosks.
    GROCERIES,
    /// Restaurants, cafés, bars, canteens, delivered meals.
    EATING_OUT,
    /// Getting about every day: fuel, charging, parking, trains and buses, taxis, the car itself.
    TRANSPORT,
    /// Journeys: flights, hotels, hired cars, agencies.
    TRAVEL,
    /// Clothes, shoes, bags, jewellery.
    CLOTHING,
    /// Furniture, tools, garden, craftsmen.
    HOME,
    /// Computers, telephones, appliances with a plug, software.
    ELECTRONICS,
    /// Pharmacies, doctors, opticians, animals' doctors too.
    HEALTH,
    /// Hairdressers, cosmetics, laundry.
    PERSONAL_CARE,
    /// Sport, cinema, books, games, streaming, pets.
    LEISURE,
    /// Shops that sell everything: department stores, marketplaces, gifts.
    SHOPPING,
    /// What comes every month: rent, energy, water, telephone, insurance.
    BILLS,
    /// Schools, child care, lawyers, offices and their taxes, post, donations.
    SERVICES,
    /// Cash, loans, exchange, brokers, and whatever else is bought from a bank but its fees.
    BANKING,
    /// What a bank takes for itself: account fees, interest owed, commissions.
    FEES,
    /// Wages, pensions, benefits.
    INCOME,
    /// Money that comes back from where it was spent.
    REFUND,
    /// Interest and dividends received.
    INTEREST,
    /// Between accounts of one's own, or from person to person.
    TRANSFER,
    /// Nobody was sure enough.
    UNCATEGORIZED;

    /// How many there are.
    static final int COUNT = values().length;

    private static final Category[] PLACES = values();
    private static final Map<String, Category> BY_WORD =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Category::word, Function.identity()));

    private final String word = name().toLowerCase(Locale.ROOT);

    /// Its name in tables, in JSON, on the command line: `eating_out`.
    public String word() {
        return word;
    }

    /// The category with that word, or null.
    public static @Nullable Category of(String word) {
        return BY_WORD.get(word);
    }

    /// Where it stands in an array of shares, one for each category.
    @SuppressWarnings("EnumOrdinal") // within one process only; files keep words
    int place() {
        return ordinal();
    }

    static Category at(int place) {
        return PLACES[place];
    }

    /// The category with that word.
    ///
    /// @throws IllegalArgumentException where there is none
    static Category named(String word) {
        Category category = BY_WORD.get(word);
        if (category == null) {
            throw new IllegalArgumentException("there is no category " + word);
        }
        return category;
    }
}
