# absorb(): the fit of the factor written by itself, its levels out of sight.

absorbing <- local({
  set.seed(5)
  n <- 3000
  d <- data.frame(x = rnorm(n), z = runif(n), firm = sample(60, n, TRUE), year = factor(sample(2001:2009, n, TRUE)),
                  id = sample(200, n, TRUE))
  d$y <- rpois(n, exp(0.4 * d$x - 0.3 * d$z + rnorm(60, 0, 0.4)[d$firm] + 0.1 * as.integer(d$year) + 0.5))
  d$hit <- as.integer(d$y > 1)
  d
})
chunked <- function() {
  rows <- split(seq_len(nrow(absorbing)), rep(1:4, c(900, 700, 800, 600)))
  part <- 0
  chunks(function(reset) {
    part <<- if (reset) 0 else part + 1
    if (!reset && part <= length(rows)) absorbing[rows[[part]], ]
  })
}
absorbed_fit <- function(...) glmpp(y ~ x + z + absorb(firm) + absorb(year), poisson, absorbing, ...)
plain_fit <- function(...) glmpp(y ~ x + z + factor(firm) + year, poisson, absorbing, ...)

test_that("a fit with absorbed factors is that with the factors", {
  for (fewest in c(2, 500)) {
    old <- options(glmpp.eliminate = fewest)
    ours <- absorbed_fit()
    theirs <- plain_fit()
    options(old)
    few <- c("x", "z")
    expect_identical(names(coef(ours)), few)
    expect_identical(coef(ours), coef(theirs)[few])
    expect_identical(unname(coef(ours, absorbed = TRUE)), unname(coef(theirs)))
    expect_equal(vcov(ours), vcov(theirs)[few, few], tolerance = 1e-14)
    expect_equal(vcov(ours, complete = FALSE), vcov(theirs)[few, few], tolerance = 1e-14)
    expect_identical(unname(vcov(ours, absorbed = TRUE)), unname(vcov(theirs)))
    for (type in c("observed", "HC0", "HC1", "HC3")) expect_equal(vcov(ours, type = type), vcov(theirs, type = type)[few, few], tolerance = 1e-12)
    expect_equal(vcov(ours, type = "HC1", cluster = ~ id + firm), vcov(theirs, type = "HC1", cluster = ~ id + firm)[few, few], tolerance = 1e-12)
    in_order <- newey_west(~ id, lag = 2)
    expect_equal(vcov(ours, type = in_order), vcov(theirs, type = in_order)[few, few], tolerance = 1e-12)
    expect_equal(coef(summary(ours)), coef(summary(theirs))[few, ], tolerance = 1e-14)
    expect_equal(summary(ours)$cov.scaled, vcov(theirs)[few, few], tolerance = 1e-14)
    expect_equal(coef(summary(ours, vcov = ~ id)), coef(summary(theirs, vcov = ~ id))[few, ], tolerance = 1e-12)
    expect_equal(summary(ours, correlation = TRUE)$correlation, cov2cor(vcov(theirs)[few, few]), tolerance = 1e-12)
    expect_equal(confint(ours), confint(theirs, few), tolerance = 1e-8)
    expect_equal(confint(ours, method = "wald", vcov = "HC1"), confint(theirs, few, method = "wald", vcov = "HC1"), tolerance = 1e-12)
    sum_of_both <- function(fit) confint(fit, contrasts = c(x = 1, z = 1), method = "wald")
    expect_equal(sum_of_both(ours), sum_of_both(theirs), tolerance = 1e-12)
    numbers <- function(fit) c(AIC(fit), logLik(fit), df.residual(fit), nobs(fit))
    expect_identical(numbers(ours), numbers(theirs))
    new <- absorbing[1:20, ]
    expect_equal(predict(ours, new, se.fit = TRUE), predict(theirs, new, se.fit = TRUE), tolerance = 1e-13)
    expect_equal(average_effects(ours, "x")$estimate, average_effects(theirs, "x")$estimate, tolerance = 1e-12)
    expect_equal(unname(as.matrix(drop1(ours, test = "Chisq"))), unname(as.matrix(drop1(theirs, test = "Chisq"))), tolerance = 1e-9)
    expect_equal(coef(update(ours, . ~ . - z)), coef(update(theirs, . ~ . - z))["x"], tolerance = 1e-12)
    expect_equal(glmpp::refit(ours, y = absorbing$y)$coefficients, ours$coefficients, tolerance = 1e-8)
  }
})

test_that("fixef() has the effects of the levels", {
  fit <- absorbed_fit()
  effects <- fixef(fit)
  expect_identical(names(effects), c("firm", "year"))
  expect_identical(names(effects$firm), as.character(1:60))
  expect_identical(effects$year[["2001"]], 0)
  expect_equal(unname(coef(fit)["x"] * absorbing$x + coef(fit)["z"] * absorbing$z + effects$firm[as.character(absorbing$firm)] +
                        effects$year[as.character(absorbing$year)]), unname(fit$linear.predictors), tolerance = 1e-12)
  slopes <- glmpp(y ~ z + absorb(firm) + absorb(firm):x, poisson, absorbing)
  expect_identical(names(coef(slopes)), "z")
  effects <- fixef(slopes)
  expect_identical(names(effects), c("firm", "firm:x"))
  firm <- as.character(absorbing$firm)
  predictor <- coef(slopes) * absorbing$z + effects[[1]][firm] + effects[[2]][firm] * absorbing$x
  expect_equal(unname(predictor), unname(slopes$linear.predictors), tolerance = 1e-11)
  pairs <- glmpp(y ~ x + absorb(year, z > 0.5), poisson, absorbing)
  expect_identical(coef(pairs), coef(glmpp(y ~ x + interaction(year, z > 0.5), poisson, absorbing))["x"])
  expect_identical(names(fixef(pairs)[[1]])[1:3], c("2001:FALSE", "2001:TRUE", "2002:FALSE"))
  without <- glmpp(y ~ 0 + x + absorb(firm), poisson, absorbing)
  expect_equal(fixef(without)$firm, fixef(glmpp(y ~ x + absorb(firm), poisson, absorbing))$firm, tolerance = 1e-10)
})

test_that("the coding does not depend on options, and levels that are aliased are zero", {
  old <- options(contrasts = c("contr.sum", "contr.poly"))
  on.exit(options(old))
  by_sum <- glmpp(y ~ x + z + absorb(factor(firm, ordered = TRUE)) + absorb(year), poisson, absorbing)
  options(old)
  expect_equal(unname(by_sum$coefficients), unname(absorbed_fit()$coefficients), tolerance = 1e-12)
  nested <- transform(absorbing, region = firm %% 7)
  fit <- glmpp(y ~ x + absorb(region) + absorb(firm), poisson, nested)
  theirs <- glm(y ~ x + factor(region) + factor(firm), poisson, nested)
  expect_identical(unname(is.na(fit$coefficients)), unname(is.na(coef(theirs))))
  effects <- fixef(fit)
  predictor <- coef(fit) * nested$x + effects$region[as.character(nested$region)] + effects$firm[as.character(nested$firm)]
  expect_equal(unname(predictor), unname(predict(theirs)), tolerance = 1e-8)
})

test_that("rows from afar are absorbed as those in memory", {
  memory <- absorbed_fit()
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write.csv(absorbing, file, row.names = FALSE)
  fits <- list(chunks = glmpp(y ~ x + z + absorb(firm) + absorb(year), poisson, chunked()),
               csv = glmpp(y ~ x + z + absorb(firm) + absorb(factor(year)), poisson, csv_chunks(file)))
  for (name in names(fits)) {
    fit <- fits[[name]]
    expect_identical(names(coef(fit)), c("x", "z"), info = name)
    expect_equal(coef(fit), coef(memory), tolerance = 1e-8, info = name)
    expect_equal(vcov(fit), vcov(memory), tolerance = 1e-8, info = name)
    expect_equal(confint(fit), confint(memory, method = "wald"), tolerance = 1e-8, ignore_attr = TRUE, info = name)
    expect_equal(unname(fixef(fit)$firm), unname(fixef(memory)$firm), tolerance = 1e-8, info = name)
    expect_output(print(fit), "Absorbed: firm", info = name)
    expect_output(print(summary(fit)), "Absorbed: firm", info = name)
  }
  expect_error(glmpp(y ~ x + absorb(firm, year), poisson, chunked()), class = "glmpp_error")
})

test_that("a database absorbs", {
  skip_if_not_installed("RSQLite")
  connection <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  on.exit(DBI::dbDisconnect(connection))
  DBI::dbWriteTable(connection, "rows", transform(absorbing, year = as.character(year)))
  fit <- glmpp(y ~ x + z + absorb(firm) + absorb(year), poisson, in_database(connection, "rows"))
  expect_equal(coef(fit), coef(absorbed_fit()), tolerance = 1e-8)
  expect_equal(vcov(fit), vcov(absorbed_fit()), tolerance = 1e-8)
})

test_that("what is printed has no level", {
  fit <- absorbed_fit()
  text <- c(capture.output(print(fit)), capture.output(print(summary(fit))))
  expect_false(any(grepl("absorb(firm)1", text, fixed = TRUE)))
  expect_true(sum(grepl("Absorbed: firm (59 coefficients), year (8 coefficients)", text, fixed = TRUE)) == 2)
  expect_false(any(grepl("not defined because of singularities", text)))
  alone <- glmpp(y ~ absorb(firm), poisson, absorbing)
  expect_length(coef(alone), 0)
  expect_output(print(alone), "Absorbed: firm")
  expect_output(print(summary(alone)), "Absorbed: firm")
  expect_identical(dim(vcov(alone)), c(0L, 0L))
  skip_if_not_installed("generics")
  expect_identical(as.character(generics::tidy(fit)$term), c("x", "z"))
})

test_that("absorb() is found by a formula wherever it is, and refused where it makes no sense", {
  envir <- new.env(parent = baseenv())
  formula <- y ~ x + absorb(firm)
  environment(formula) <- envir
  expect_identical(names(coef(glmpp(formula, poisson, absorbing))), "x")
  expect_error(absorb(), class = "glmpp_error_formula")
  expect_error(absorb(list(1)), class = "glmpp_error_formula")
  expect_error(absorb(1:3, 1:2), class = "glmpp_error_formula")
  expect_error(fixef(glmpp(y ~ x, poisson, absorbing)), "no|none", class = "glmpp_error_argument")
  expect_error(glmpp(year ~ x + absorb(firm), multinomial(), absorbing), class = "glmpp_error_formula")
  expect_error(glmpp_path(y ~ x + absorb(firm), poisson, absorbing), class = "glmpp_error_formula")
  expect_error(glmpp_cv(y ~ x + absorb(firm), poisson, absorbing), class = "glmpp_error_formula")
  expect_error(hurdle(y ~ x + absorb(firm), absorbing), class = "glmpp_error_formula")
  expect_error(glmpp(y ~ x | firm, poisson, absorbing), "absorb\\(firm\\)")
})

test_that("levels with one outcome leave the others as they are without them", {
  d <- absorbing
  d <- d[order(d$firm), ]
  d$hit[!duplicated(d$firm)] <- 0L
  d$hit[!duplicated(d$firm, fromLast = TRUE)] <- 1L
  d$hit[d$firm %in% c(3, 8)] <- 0L
  expect_warning(fit <- glmpp(hit ~ x + z + absorb(firm), binomial, d), class = "glmpp_warning_separation")
  rest <- glmpp(hit ~ x + z + absorb(firm), binomial, d[!d$firm %in% c(3, 8), ])
  expect_equal(coef(fit), coef(rest), tolerance = 1e-7)
  expect_equal(sqrt(diag(vcov(fit))), sqrt(diag(vcov(rest))), tolerance = 1e-5)
})

test_that("other packages find what they ask for", {
  fit <- absorbed_fit()
  plain <- plain_fit()
  if (requireNamespace("emmeans", quietly = TRUE)) {
    means <- function(fit) as.data.frame(emmeans::emmeans(fit, "x", at = list(x = c(0, 1))))[, 1:3]
    expect_equal(means(fit), means(plain), tolerance = 1e-10)
  }
  if (requireNamespace("car", quietly = TRUE)) {
    expect_equal(as.matrix(car::Anova(fit, test = "Wald")), as.matrix(car::Anova(plain, test = "Wald")), tolerance = 1e-10, ignore_attr = TRUE)
    expect_equal(car::linearHypothesis(fit, "x = z")$Chisq, car::linearHypothesis(plain, "x = z")$Chisq, tolerance = 1e-10)
  }
  if (requireNamespace("sandwich", quietly = TRUE)) {
    few <- c("x", "z")
    expect_equal(sandwich::vcovCL(fit, ~ id)[few, few], sandwich::vcovCL(plain, ~ id)[few, few], tolerance = 1e-10)
    expect_equal(coef(summary(fit, vcov = sandwich::vcovHC)), coef(summary(plain, vcov = sandwich::vcovHC))[few, ], tolerance = 1e-10)
    skip_if_not_installed("lmtest")
    tested <- function(fit) lmtest::coeftest(fit, vcov. = sandwich::vcovHC)[few, ]
    expect_equal(tested(fit), tested(plain), tolerance = 1e-10)
  }
})

test_that("what is refused for memory says that absorb() would do", {
  old <- options(contrasts = c("contr.sum", "contr.poly"), glmpp.memory = 2e6)
  on.exit(options(old))
  set.seed(6)
  d <- data.frame(y = rpois(4000, 3), x = rnorm(4000), f = factor(rep(1:1000, 4)))
  expect_error(glmpp(y ~ x + f, poisson, d), "absorb(f)", fixed = TRUE, class = "glmpp_error_memory")
  expect_identical(names(coef(glmpp(y ~ x + absorb(f), poisson, d))), "x")
})
