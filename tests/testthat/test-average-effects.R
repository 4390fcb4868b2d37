# Average effects against differences of predictions, made here from the definition.

made <- with_local_seed(11, {
  n <- 400
  data <- data.frame(x = rnorm(n), z = runif(n, 0.5, 3), g = factor(sample(c("low", "mid", "high"), n, TRUE), c("low", "mid", "high", "never")),
                     text = sample(c("u", "v"), n, TRUE), on = runif(n) < 0.5, e = runif(n, 1, 3), k = sample(1:4, n, TRUE),
                     w = sample(0:3, n, TRUE), id = sample(40, n, TRUE), day = as.Date("2024-01-01") + sample(100, n, TRUE))
  eta <- 0.3 * data$x + 0.4 * log(data$z) + 0.3 * (data$g == "mid") - 0.2 * data$on
  data$count <- rpois(n, data$e * exp(eta))
  data$yes <- rbinom(n, 1, plogis(eta))
  data$trials <- sample(1:5, n, TRUE)
  data$some <- rbinom(n, data$trials, plogis(eta))
  data$amount <- rgamma(n, 4, 4 / exp(eta))
  data$twice <- 2 * data$x
  data$x[3] <- NA
  data$g[8] <- NA
  data$count[9] <- NA
  data
})

# The derivative, or difference, of the mean prediction as a function of the coefficients.
effect_at <- function(fit, rows, name, level = NULL, weights = rep(1, nrow(rows))) {
  function(beta) {
    fit$coefficients <- beta
    mean_at <- function(rows) predict(fit, rows, type = "response")
    moved <- function(value) replace(rows, name, list(value))
    levels <- if (is.factor(rows[[name]])) levels(droplevels(rows[[name]])) else sort(unique(rows[[name]]))
    set <- function(level) if (is.factor(rows[[name]])) factor(rep(level, nrow(rows)), levels(rows[[name]])) else rep(level, nrow(rows))
    each <- if (!is.null(level)) mean_at(moved(set(level))) - mean_at(moved(set(levels[1])))
            else (8 * (mean_at(moved(rows[[name]] + 1e-3)) - mean_at(moved(rows[[name]] - 1e-3))) -
                    (mean_at(moved(rows[[name]] + 2e-3)) - mean_at(moved(rows[[name]] - 2e-3)))) / 12e-3
    sum(weights * each) / sum(weights)
  }
}

expect_effect <- function(effects, fit, rows, name, level = NULL, covariance = vcov(fit, complete = FALSE), tolerance = 1e-6, ...) {
  effect <- suppressWarnings(effect_at(fit, rows, name, level, ...))
  beta <- coef(fit)
  known <- which(!is.na(beta))
  gradient <- vapply(known, function(j) {
    h <- 1e-4 * max(1, abs(beta[j]))
    at <- function(by) suppressWarnings(effect(replace(beta, j, beta[j] + by)))
    (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
  }, 0)
  row <- effects[effects$variable == name & (is.null(level) | startsWith(effects$contrast, paste(level, "- "))), ]
  expect_equal(nrow(row), 1, label = name)
  expect_equal(row$estimate, suppressWarnings(effect(beta)), tolerance = tolerance, label = name)
  expect_equal(row$std_error, sqrt(drop(gradient %*% covariance %*% gradient)), tolerance = tolerance, label = paste("error of", name))
}

models <- list(
  list(yes ~ splines::ns(x, 3) * g + text + poly(z, 2), binomial()), list(yes ~ x * on + I(z^2), binomial("probit")),
  list(cbind(some, trials - some) ~ x + log(z) + g, binomial("cloglog")), list(count ~ x * g + log(z) + on + offset(log(e)), poisson()),
  list(count ~ x + factor(k), negative_binomial(2)), list(amount ~ sqrt(z) + text * x, Gamma("log")), list(amount ~ x + z, tweedie(1.5)),
  list(amount ~ 0 + g + x:z, gaussian()), list(count ~ scale(x) + g, poisson("sqrt"))
)

test_that("they are derivatives and differences of mean predictions, with delta-method errors", {
  for (model in models) {
    fit <- suppressWarnings(glmpp(model[[1]], model[[2]], made))
    rows <- if (is.null(fit$na.action)) made else made[-fit$na.action, ]
    effects <- average_effects(fit)
    expect_equal(attr(effects, "rows"), nobs(fit))
    for (k in seq_len(nrow(effects))) {
      level <- if (effects$contrast[k] != "dY/dX") sub(" - .*", "", effects$contrast[k])
      if (effects$variable[k] %in% c("on", "k") && !is.null(level)) level <- type.convert(level, as.is = TRUE)
      expect_effect(effects, fit, rows, effects$variable[k], level)
    }
  }
})

test_that("a link that is linear gives the coefficients back", {
  fit <- glmpp(amount ~ x + g, gaussian, made)
  effects <- average_effects(fit, vcov = "HC1")
  expect_equal(effects$estimate, unname(coef(fit)[-1]), tolerance = 1e-9)
  expect_equal(effects$std_error, unname(sqrt(diag(vcov(fit, type = "HC1"))))[-1], tolerance = 1e-9)
  expect_equal(unlist(effects[1, c("lower", "upper")], use.names = FALSE), unname(confint(fit, "x", vcov = "HC1")[1, ]), tolerance = 1e-9)
  on_link <- average_effects(glmpp(yes ~ x + g, binomial, made), type = "link")
  expect_equal(on_link$estimate, unname(coef(glmpp(yes ~ x + g, binomial, made))[-1]), tolerance = 1e-9)
})

test_that("every covariance of the package goes into the errors", {
  fit <- glmpp(yes ~ x + g, binomial, made)
  rows <- made[-fit$na.action, ]
  for (choice in list("HC0", "HC3", "observed", ~id, ~ id + day)) {
    covariance <- if (inherits(choice, "formula")) vcov(fit, type = "HC1", cluster = choice) else vcov(fit, type = choice)
    expect_effect(average_effects(fit, vcov = choice), fit, rows, "x", covariance = covariance)
  }
  expect_equal(average_effects(fit, vcov = vcov(fit)), average_effects(fit), ignore_attr = TRUE)
  negative <- -vcov(fit)
  expect_warning(none <- average_effects(fit, vcov = negative), class = "glmpp_warning_covariance")
  expect_true(all(is.nan(none$std_error)))
  expect_output(print(average_effects(fit, vcov = ~id)), "clustered by id", fixed = TRUE)
})

test_that("subset, weights, a dot, aliased columns and a missing data argument", {
  fit <- glmpp(count ~ x + g + offset(log(e)), poisson, made, weights = w, subset = z > 1)
  rows <- subset(made, z > 1 & !is.na(count) & !is.na(x) & !is.na(g))
  effects <- average_effects(fit)
  expect_effect(effects, fit, rows, "x")
  expect_equal(attr(effects, "rows"), nrow(rows))
  expect_effect(average_effects(fit, wts = "w"), fit, rows, "x", weights = rows$w)

  dotted <- glmpp(yes ~ ., binomial, made[c("yes", "x", "g", "on")])
  expect_identical(unique(average_effects(dotted)$variable), c("x", "g", "on"))
  aliased <- glmpp(yes ~ x + I(2 * x) + g, binomial, made)
  expect_equal(average_effects(aliased), average_effects(glmpp(yes ~ x + g, binomial, made)), tolerance = 1e-8)
  expect_warning(open <- average_effects(glmpp(yes ~ x + twice + g, binomial, made)), class = "glmpp_warning_rank_deficient")
  expect_equal(is.na(open$estimate), c(TRUE, FALSE, FALSE, TRUE)[match(open$variable, c("x", "g", "g2", "twice"))])
  found <- with(made, average_effects(glmpp(yes ~ x + g, binomial)))
  expect_equal(found, average_effects(glmpp(yes ~ x + g, binomial, made)), tolerance = 1e-8)
})

test_that("part by part the same, and by the fit's own source", {
  file <- new_file(".csv")
  write.csv(made[setdiff(names(made), "day")], file, row.names = FALSE)
  for (model in models[c(1, 4, 7)]) {
    memory <- glmpp(model[[1]], model[[2]], transform(made, g = as.character(g)))
    effects <- average_effects(memory, vcov = "HC1")
    for (source in list(csv_chunks(file, rows = 90), chunks_of(transform(made, g = as.character(g)), 70))) {
      afar <- glmpp(model[[1]], model[[2]], source)
      expect_equal(average_effects(afar, vcov = "HC1"), effects, tolerance = 1e-7)
      expect_equal(average_effects(afar)$estimate, average_effects(memory)$estimate, tolerance = 1e-8)
      expect_equal(average_effects(afar, at = "means"), average_effects(memory, at = "means"), tolerance = 1e-7)
      expect_equal(average_effects(afar, newdata = source)$estimate, average_effects(memory, newdata = made)$estimate, tolerance = 1e-8)
    }
  }
  chosen <- glmpp(yes ~ x + text, binomial, csv_chunks(file, rows = 90), subset = 11:300)
  expect_equal(average_effects(chosen), average_effects(glmpp(yes ~ x + text, binomial, made, subset = 11:300)), tolerance = 1e-7)
})

test_that("effects at the means are those of one row: means of numbers, the most frequent level", {
  fit <- glmpp(count ~ x * g + log(z) + on + offset(log(e)), poisson, made)
  rows <- made[-fit$na.action, ]
  mode_of <- function(values) names(sort(-table(values)))[1]
  typical <- data.frame(x = mean(rows$x), z = mean(rows$z), g = factor(mode_of(rows$g), levels(made$g)),
                        on = mode_of(rows$on) == "TRUE", e = mean(rows$e))
  effects <- average_effects(fit, at = "means")
  direct <- average_effects(fit, newdata = typical)
  expect_equal(effects, direct, tolerance = 1e-9, ignore_attr = TRUE)
  expect_effect(effects, fit, typical, "x")
  expect_output(print(effects), "at the means of the variables", fixed = TRUE)
})

test_that("dates, matrices, integers and offsets are numbers like others", {
  fit <- glmpp(count ~ day + k + offset(log(e)), poisson, made)
  rows <- made[-fit$na.action, ]
  effects <- average_effects(fit, c("day", "k", "e"))
  mean_count <- mean(fitted(fit))
  expect_equal(effects$estimate[1:2], unname(coef(fit)[-1]) * mean_count, tolerance = 1e-7)
  expect_equal(effects$estimate[3], mean(fitted(fit) / rows$e), tolerance = 1e-7)
  tiny <- transform(made, e = ifelse(k == 1, e / 1e6, e))
  fit <- glmpp(count ~ x, poisson, tiny, offset = log(e))
  expect_equal(average_effects(fit, "e")$estimate, mean(fitted(fit) / tiny$e[-fit$na.action]), tolerance = 1e-6)
  with_matrix <- made
  with_matrix$m <- cbind(a = made$z, b = made$e)
  fit <- glmpp(count ~ m, poisson, with_matrix)
  effects <- average_effects(fit)
  expect_identical(effects$variable, c("ma", "mb"))
  expect_equal(effects$estimate, unname(coef(fit)[-1]) * mean(fitted(fit)), tolerance = 1e-7)
})

test_that("a far origin, one row, a spline's end and a function of the user's cost no digits that matter", {
  far <- transform(made, year = 1e6 + z, day = as.POSIXct("2024-01-01", tz = "UTC") + 1e4 * z)
  for (name in c("year", "day")) {
    fit <- glmpp(reformulate(name, "yes"), binomial, far)
    slope <- function(rows) mean(binomial()$mu.eta(predict(fit, rows))) * coef(fit)[[2]]
    expect_equal(average_effects(fit)$estimate, slope(far), tolerance = 1e-5)
    expect_equal(average_effects(fit, newdata = far[5, ])$estimate, slope(far[5, ]), tolerance = 1e-4)
  }
  fit <- glmpp(count ~ x + log(k), poisson, made)
  at_origin <- average_effects(fit, newdata = data.frame(x = 0, k = 1L))
  expect_equal(at_origin$estimate, unname(coef(fit)[-1] * exp(coef(fit)[1])), tolerance = 1e-6)
  squared <- function(x) x^2
  for (formula in list(yes ~ squared(z), yes ~ splines::bs(z, 4))) {
    fit <- glmpp(formula, binomial, made)
    expect_no_warning(average_effects(fit))
    inner <- made[made$z > 0.6 & made$z < 2.9, ]
    expect_effect(average_effects(fit, newdata = inner), fit, inner, "z", tolerance = 1e-5)
  }
})

test_that("levels that the formula makes are those of the variable", {
  fit <- glmpp(yes ~ relevel(g, "mid") + I(text == "u"), binomial, made)
  for (at in c("average", "means")) {
    expect_identical(average_effects(fit, at = at)$contrast, c("low - mid", "high - mid", "v - u"))
  }
  helmert <- glmpp(yes ~ g, binomial, made, contrasts = list(g = "contr.helmert"))
  expect_equal(average_effects(helmert), average_effects(glmpp(yes ~ g, binomial, made)), tolerance = 1e-8)
  empty <- made[!(made$text == "u" & made$on), ]
  expect_warning(open <- average_effects(glmpp(yes ~ text * on + x, binomial, empty)), class = "glmpp_warning_rank_deficient")
  expect_identical(is.na(open$estimate), open$variable != "x")
})

test_that("what has no average effect is refused by name", {
  refused <- function(formula, class = "glmpp_error_effects") expect_error(average_effects(glmpp(formula, poisson, made)), class = class)
  refused(count ~ x + factor(k) + k)
  refused(count ~ I(z > 1))
  refused(count ~ cut(z, c(0, 1, 2, 3)))
  refused(count ~ I(round(z)))
  refused(count ~ I(x - mean(x, na.rm = TRUE)))
  refused(count ~ 1, "glmpp_error_argument")
  flat <- function(x) 1 * (x > 1)
  jumps <- function(x) floor(exp(log(x)))
  refused(count ~ flat(z))
  refused(count ~ jumps(k))
  refused(count ~ I(sqrt(k - 1)))
  refused(count ~ factor(k, labels = letters[1:4]))
  # pmax() has a kink only.
  fit <- glmpp(count ~ pmax(z - 1, 0), poisson, made)
  expect_equal(average_effects(fit)$estimate, mean(fitted(fit) * coef(fit)[2] * (made$z[-fit$na.action] > 1)), tolerance = 1e-6)

  fit <- glmpp(yes ~ x + g, binomial, made)
  expect_error(average_effects(fit, "X"), "Did you mean x", class = "glmpp_error_argument")
  expect_error(average_effects(fit, 1), class = "glmpp_error_argument")
  expect_error(average_effects(fit, wts = "nothing"), class = "glmpp_error_argument")
  expect_error(average_effects(fit, newdata = 1), class = "glmpp_error_newdata")
  expect_error(average_effects(fit, newdata = data.frame(x = 1, g = "other")), class = "glmpp_error_levels")
  expect_error(average_effects(fit, newdata = data.frame(x = NA_real_, g = "mid")), class = "glmpp_error_no_rows")
  expect_error(average_effects(fit, newdata = structure(list(), class = c("glmpp_cluster", "glmpp_source"))), class = "glmpp_error_rows")
  expect_error(average_effects(fit, conf.level = 0.9), class = "glmpp_error_argument")
  expect_error(average_effects(stats::glm(yes ~ x, binomial, made)), class = "glmpp_error_argument")
  expect_error(average_effects(glmpp(Species ~ Sepal.Width, multinomial(), iris)), "emmeans", class = "glmpp_error_categories")
  lean <- glmpp(yes ~ x + g, binomial, made, keep = "summary")
  expect_error(average_effects(lean), "newdata", class = "glmpp_error_left_out")
  expect_equal(average_effects(lean, newdata = made), average_effects(fit, newdata = made))
  expect_error(average_effects(glmpp(made$yes ~ made$x, binomial)), class = "glmpp_error_newdata")
})

test_that("data that have changed since the fit are noticed", {
  x <- made$z
  y <- made$yes
  fit <- glmpp(y ~ x, binomial)
  x <- x + 1
  expect_error(average_effects(fit), "changed", class = "glmpp_error_newdata")
})

test_that("where sums only come from, rows are asked for", {
  skip_if_not_installed("RSQLite")
  connection <- local_sqlite()
  rows <- made[!is.na(made$x) & !is.na(made$g), c("yes", "x", "g")]
  DBI::dbWriteTable(connection, "rows", transform(rows, g = as.character(g)))
  summed <- glmpp(yes ~ x + g, binomial, in_database(connection, "rows", "database"))
  expect_error(average_effects(summed), "Stream", class = "glmpp_error_rows")
  expected <- average_effects(glmpp(yes ~ x + g, binomial, transform(rows, g = as.character(g))))
  expect_equal(average_effects(summed, newdata = in_database(connection, "rows", "stream")), expected, tolerance = 1e-6, ignore_attr = TRUE)
})

test_that("marginaleffects says the same", {
  skip_if_not_installed("marginaleffects")
  fit <- glmpp(yes ~ x * g + poly(z, 2), binomial, droplevels(made))
  # No package that is suggested: Debian 12 and older R have none that installs.
  ask <- getExportedValue("marginaleffects", "avg_slopes")
  theirs <- as.data.frame(ask(as.glm(fit), type = "response", numderiv = "richardson"))
  ours <- average_effects(fit)
  found <- match(paste(ours$variable, ours$contrast), paste(theirs$term, gsub("mean\\(|\\)", "", theirs$contrast)))
  expect_false(anyNA(found))
  expect_equal(ours$estimate, theirs$estimate[found], tolerance = 1e-6)
  expect_equal(ours$std_error, theirs$std.error[found], tolerance = 1e-6)
})
