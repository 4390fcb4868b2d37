# Tables of effects against coefficients, intervals and counts made on the spot.

made <- with_local_seed(12, {
  n <- 300
  data <- data.frame(x = rnorm(n), g = factor(sample(c("low", "mid", "high"), n, TRUE), c("low", "mid", "high")),
                     text = sample(c("u", "v"), n, TRUE), on = runif(n) < 0.5, grade = factor(sample(1:3, n, TRUE), ordered = TRUE),
                     e = runif(n, 1, 3), w = sample(0:2, n, TRUE),
                     id = sample(30, n, TRUE), trials = sample(1:5, n, TRUE))
  eta <- 0.3 * data$x + 0.3 * (data$g == "mid") - 0.2 * data$on
  data$yes <- rbinom(n, 1, plogis(eta))
  data$some <- rbinom(n, data$trials, plogis(eta))
  data$count <- rpois(n, data$e * exp(eta))
  data$x[4] <- NA
  data
})
used <- made[!is.na(made$x), ]

test_that("rows are the coefficients, and the reference level of each factor", {
  fit <- glmpp(yes ~ x + g + text + on, binomial, made)
  table <- effects_table(fit)
  expect_identical(table$term, c("x", NA, "gmid", "ghigh", NA, "textv", NA, "onTRUE"))
  expect_identical(table$variable, rep(c("x", "g", "text", "on"), c(1, 3, 2, 2)))
  expect_identical(table$level, c(NA, "low", "mid", "high", "u", "v", "FALSE", "TRUE"))
  expect_identical(table$reference, is.na(table$term))
  shown <- !table$reference
  expect_equal(table$estimate[shown], unname(exp(coef(fit)[-1])))
  expect_equal(unname(as.matrix(table[shown, c("lower", "upper")])), unname(exp(confint(fit, method = "wald")[-1, ])))
  expect_equal(table$p_value[shown], unname(coef(summary(fit))[-1, 4]))
  expect_true(all(table$estimate[!shown] == 1 & is.na(table$lower[!shown]) & is.na(table$p_value[!shown])))
  expect_identical(attr(table, "measure"), "odds ratio")
  expect_equal(table$n, c(299, table(used$g), table(used$text), table(used$on)), ignore_attr = TRUE)
  events <- with(used, c(sum(yes), tapply(yes, g, sum), tapply(yes, text, sum), tapply(yes, on, sum)))
  expect_equal(table$events, events, ignore_attr = TRUE)
  expect_identical(effects_table(fit, intercept = TRUE)$term[1], "(Intercept)")
  profiled <- effects_table(fit, method = "profile")
  expect_equal(unname(as.matrix(profiled[shown, c("lower", "upper")])), unname(exp(confint(fit, method = "profile")[-1, ])))
  plain <- effects_table(fit, exponentiate = FALSE, level = 0.9)
  expect_identical(attr(plain, "measure"), "log odds ratio")
  expect_equal(plain$lower[shown], unname(confint(fit, level = 0.9, method = "wald")[-1, 1]))
  expect_true(all(plain$estimate[!shown] == 0))
})

test_that("robust and clustered intervals are those of confint()", {
  fit <- glmpp(count ~ x + g + offset(log(e)), poisson, made)
  for (choice in list("HC1", ~id)) {
    table <- effects_table(fit, vcov = choice)
    expect_equal(unname(as.matrix(table[!table$reference, c("lower", "upper")])), unname(exp(confint(fit, vcov = choice)[-1, ])))
    expect_equal(table$p_value[!table$reference], unname(coef(summary(fit, vcov = choice))[-1, 4]))
  }
  expect_output(print(table), "clustered by id", fixed = TRUE)
})

test_that("the measure is what exp(coefficient) is", {
  measure <- function(...) attr(suppressWarnings(effects_table(glmpp(..., data = made))), "measure")
  expect_identical(measure(yes ~ g, binomial), "odds ratio")
  expect_identical(measure(yes ~ g, binomial("log")), "risk ratio")
  expect_identical(measure(yes ~ g, poisson), "risk ratio")
  expect_identical(measure(yes ~ g, binomial("cloglog")), "hazard ratio")
  expect_identical(measure(count ~ g + offset(log(e)), poisson), "rate ratio")
  expect_identical(attr(effects_table(glmpp(count ~ g, quasipoisson, made, offset = log(e))), "measure"), "rate ratio")
  expect_identical(measure(count ~ g, negative_binomial(2)), "ratio of means")
  expect_identical(measure(e ~ g, Gamma("log")), "ratio of means")
  expect_identical(measure(count + 1 ~ g, truncated_poisson()), "ratio of means before truncation")
  expect_identical(measure(e ~ g, gaussian), "difference")
  expect_identical(measure(yes ~ g, binomial("probit")), "coefficient (link probit)")
  fit <- glmpp(yes ~ g, binomial("probit"), made)
  expect_equal(effects_table(fit)$estimate, c(0, unname(coef(fit)[-1])))
  expect_error(effects_table(fit, exponentiate = TRUE), "probit", class = "glmpp_error_argument")
})

test_that("other contrasts have no reference row, and are not counted", {
  for (contrast in c("contr.sum", "contr.helmert", "contr.poly")) {
    fit <- glmpp(yes ~ g, binomial, made, contrasts = list(g = contrast))
    table <- effects_table(fit)
    expect_equal(table$estimate, unname(exp(coef(fit)[-1])))
    expect_false(any(table$reference))
    expect_true(all(is.na(table$level)) && all(is.na(table$n)))
  }
  expect_identical(effects_table(glmpp(yes ~ grade, binomial, made))$term, c("grade.L", "grade.Q"))
  two <- effects_table(glmpp(yes ~ text, binomial, made, contrasts = list(text = "contr.sum")))
  expect_identical(two$term, "text1")
  last <- effects_table(glmpp(yes ~ g, binomial, made, contrasts = list(g = "contr.SAS")))
  expect_identical(last$reference, c(FALSE, FALSE, TRUE))
  based <- effects_table(glmpp(yes ~ g, binomial, made, contrasts = list(g = contr.treatment(3, 2))))
  expect_identical(based$level[based$reference], "mid")
})

test_that("interactions of factors are cells; with a number they are not counted", {
  fit <- glmpp(yes ~ g * text + x:text, binomial, made)
  table <- effects_table(fit)
  expect_equal(table$estimate[!table$reference], unname(exp(coef(fit)[-1])))
  cell <- table[which(table$term == "ghigh:textv"), ]
  expect_identical(cell$level, "high:v")
  expect_equal(c(cell$n, cell$events), with(used[used$g == "high" & used$text == "v", ], c(length(yes), sum(yes))))
  expect_true(all(is.na(table$n[table$variable == "text:x"])) && "text:x" %in% table$variable)
  smooth <- effects_table(glmpp(yes ~ poly(x, 2) + splines::ns(e, 2), binomial, used))
  expect_equal(nrow(smooth), 4)
  expect_true(all(smooth$n == 299))
})

test_that("without an intercept the levels are no ratios, which the table says", {
  table <- effects_table(glmpp(yes ~ 0 + g + text, binomial, made))
  expect_identical(table$level, c("low", "mid", "high", "u", "v"))
  expect_identical(table$reference, c(FALSE, FALSE, FALSE, TRUE, FALSE))
  expect_match(attr(table, "note"), "exp() of g is no ratio", fixed = TRUE)
  expect_match(attr(effects_table(glmpp(yes ~ 0 + g:text, binomial, made)), "note"), "exp() of g:text", fixed = TRUE)
})

test_that("trials and weights count; rows of weight zero do not", {
  table <- effects_table(glmpp(cbind(some, trials - some) ~ g, binomial, made))
  expect_equal(table$n, c(tapply(made$trials, made$g, sum)), ignore_attr = TRUE)
  expect_equal(table$events, c(tapply(made$some, made$g, sum)), ignore_attr = TRUE)
  weighted <- effects_table(glmpp(yes ~ on, binomial, made, weights = w))
  expect_equal(weighted$n, c(tapply(made$w, made$on, sum)), ignore_attr = TRUE)
  expect_equal(weighted$events, c(tapply(made$w * made$yes, made$on, sum)), ignore_attr = TRUE)
  counts <- effects_table(glmpp(count ~ on, poisson, made, weights = w, subset = id > 3, na.action = na.exclude))
  kept <- made[made$id > 3 & made$w > 0, ]
  expect_equal(counts$n, c(table(kept$on)), ignore_attr = TRUE)
  expect_equal(counts$events, c(tapply(kept$count, kept$on, sum)), ignore_attr = TRUE)
  expect_true(all(is.na(effects_table(glmpp(e ~ on, gaussian, made))$events)))
})

test_that("aliased coefficients have a row without numbers", {
  fit <- glmpp(yes ~ x + I(2 * x) + g, binomial, made)
  table <- effects_table(fit)
  alias <- table[which(table$term == "I(2 * x)"), ]
  expect_true(is.na(alias$estimate) && is.na(alias$lower) && is.na(alias$p_value))
  expect_equal(table$estimate[which(table$term == "gmid")], exp(coef(fit)[["gmid"]]))
  expect_output(print(table), "aliased")
})

test_that("from afar, and by a lean fit, all but the counts", {
  file <- new_file(".csv")
  write.csv(made, file, row.names = FALSE)
  memory <- effects_table(glmpp(yes ~ x + text + on, binomial, made))
  afar <- effects_table(glmpp(yes ~ x + text + on, binomial, csv_chunks(file, rows = 80)))
  lean <- effects_table(glmpp(yes ~ x + text + on, binomial, made, keep = "summary"))
  for (table in list(afar, lean)) {
    expect_equal(as.data.frame(table)[-(5:6)], as.data.frame(memory)[-(5:6)], tolerance = 1e-8)
    expect_true(all(is.na(table$n)))
    expect_match(attr(table, "note"), "not counted")
  }
  afar <- glmpp(yes ~ on, poisson, csv_chunks(file, rows = 80))
  expect_identical(attr(effects_table(afar, method = "profile"), "measure"), "risk ratio")
})

test_that("people and knitr read it", {
  fit <- glmpp(yes ~ x + g, binomial, made)
  text <- capture.output(print(effects_table(fit)))
  expect_match(text, "odds ratio (95 % interval)", fixed = TRUE, all = FALSE)
  expect_match(text, "1 (reference)", fixed = TRUE, all = FALSE)
  expect_match(text, "Wald intervals; standard errors: of the model", all = FALSE)
  expect_identical(class(as.data.frame(effects_table(fit))), "data.frame")
  expect_output(print(effects_table(glmpp(yes ~ 1, binomial, made))), "intercept = TRUE", fixed = TRUE)
  skip_if_not_installed("knitr")
  expect_length(knitr::kable(as.data.frame(effects_table(fit))), 6)
})

test_that("bad input is refused by name", {
  fit <- glmpp(yes ~ x + g, binomial, made)
  expect_error(effects_table(fit, vcov = "HC1", method = "profile"), class = "glmpp_error_argument")
  expect_error(effects_table(fit, level = 95), class = "glmpp_error_argument")
  expect_error(effects_table(fit, exponentiate = "yes"), class = "glmpp_error_argument")
  expect_error(effects_table(fit, robust = TRUE), class = "glmpp_error_argument")
  expect_error(effects_table(stats::glm(yes ~ x, binomial, made)), class = "glmpp_error_argument")
  expect_error(effects_table(glmpp(Species ~ Sepal.Width, multinomial(), iris)), "coefficient_intervals", class = "glmpp_error_categories")
  expect_error(print(effects_table(fit), digits = 0), class = "glmpp_error_argument")
})

test_that("tables without some of their columns print as data frames, and no offset makes no rate", {
  fit <- glmpp(am ~ wt, binomial, mtcars)
  table <- effects_table(fit)
  table$p_value <- NULL
  expect_output(print(table), "estimate")
  effects <- average_effects(fit)
  effects$p_value <- NULL
  expect_output(print(effects), "estimate")
  none <- NULL
  expect_identical(attr(effects_table(glmpp(am ~ wt, poisson, mtcars, offset = none)), "measure"), "risk ratio")
})
