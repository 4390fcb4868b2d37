# New rows mean what they meant in the fit, or are refused.

test_that("a missing value blanks the terms that it is in", {
  d <- transform(warpbreaks, z = sin(seq_along(breaks)), u = cos(seq_along(breaks)))
  new <- d[1:6, ]
  new$z[2] <- NA
  new$wool[3] <- NA
  new$u[c(2, 4)] <- NA
  for (formula in list(breaks ~ wool + z + u, breaks ~ wool * z + poly(u, 2), breaks ~ log(z + 2) + tension)) {
    if (inherits(tryCatch(glm(formula, poisson, d), error = identity), "error")) next
    new_rows <- if ("poly" %in% all.names(formula)) transform(new, u = d$u[1:6]) else new
    ours <- glmpp(formula, poisson, d)
    theirs <- glm(formula, poisson, d, epsilon = 1e-12)
    expect_equal(predict(ours, new_rows, type = "terms"), predict(theirs, new_rows, type = "terms"), tolerance = 1e-6)
    expect_equal(predict(ours, new_rows, type = "terms", se.fit = TRUE), predict(theirs, new_rows, type = "terms", se.fit = TRUE), tolerance = 1e-5)
  }
  text <- transform(new, wool = as.character(wool))
  text$wool[5] <- "C"
  fit <- glmpp(breaks ~ wool + z, poisson, d)
  terms <- predict(fit, text, type = "terms", new_levels = "na")
  expect_identical(unname(is.na(terms)), cbind(c(FALSE, FALSE, TRUE, FALSE, TRUE, FALSE), c(FALSE, TRUE, FALSE, FALSE, TRUE, FALSE)))
})

test_that("an offset of the rows of the fit is not reused for others", {
  set.seed(51)
  train <- data.frame(y = rpois(40, 4), x = rnorm(40), e = runif(40, 1, 9))
  other <- transform(train, e = e * 100)[40:1, ]
  e_outside <- train$e
  for (call in expression(glmpp(y ~ x, poisson, train, offset = log(train$e)), glmpp(y ~ x, poisson, train, offset = log(e_outside)),
                          glmpp(y ~ x + offset(log(train$e)), poisson, train), glmpp(y ~ x + offset(log(e_outside)), poisson, train))) {
    fit <- eval(call)
    expect_error(predict(fit, other), class = "glmpp_error_newdata", label = deparse1(call))
    expect_error(predict(fit, other, se.fit = TRUE), class = "glmpp_error_newdata", label = deparse1(call))
  }
  right <- glm(y ~ x, poisson, train, offset = log(e))
  rate <- 2
  scaled <- glmpp(y ~ x, poisson, train, offset = log(e * rate))
  expect_equal(predict(scaled, other), predict(right, other), tolerance = 1e-6)
  fit <- glmpp(y ~ x, poisson, train, offset = log(e_outside))
  expect_equal(predict(fit, train), predict(right, train), tolerance = 1e-6)
  classes <- glmpp(factor(y > 3) ~ x, multinomial(), train, offset = e_outside)
  expect_error(predict(classes, other), class = "glmpp_error_newdata")
})

test_that("times are taken in the unit of the fit", {
  set.seed(52)
  d <- data.frame(day = as.Date("2024-03-01") + 0:59)
  d$time <- as.POSIXct(format(d$day), tz = "UTC")
  d$wait <- as.difftime(seq(1, 30, length.out = 60), units = "days")
  d$start <- d$time - 86400 * as.numeric(d$wait)
  d$y <- rpois(60, 3)
  new <- d[c(3, 30, 59), ]
  in_hours <- new
  units(in_hours$wait) <- "hours"
  for (formula in list(y ~ wait, y ~ as.numeric(wait), y ~ I(wait), y ~ log(as.numeric(wait)))) {
    fit <- glmpp(formula, poisson, d)
    expect_equal(predict(fit, in_hours), predict(fit, new), label = deparse1(formula))
    expect_equal(predict(fit, in_hours, type = "terms"), predict(fit, new, type = "terms"), label = deparse1(formula))
  }
  as_times <- transform(new, day = time)
  as_days <- transform(new, time = day)
  noon <- transform(new, day = time + 43200)
  for (formula in list(y ~ day, y ~ as.numeric(day), y ~ I(as.numeric(day - as.Date("2024-01-01"))))) {
    fit <- glmpp(formula, poisson, d)
    expect_equal(predict(fit, as_times), predict(fit, new), label = deparse1(formula))
    expect_error(predict(fit, noon), "as.Date", class = "glmpp_error_newdata", label = deparse1(formula))
    expect_error(predict(fit, transform(new, day = format(day))), "as.Date", class = "glmpp_error_newdata", label = deparse1(formula))
  }
  for (formula in list(y ~ time, y ~ as.numeric(time))) {
    fit <- glmpp(formula, poisson, d)
    expect_equal(predict(fit, as_days), predict(fit, new), label = deparse1(formula))
  }
  # The unit of a difference of date-times is chosen by its size.
  fit <- glmpp(y ~ I(time - start), poisson, d)
  short <- transform(new, start = time - 3600)
  right <- coef(fit)[[1]] + coef(fit)[[2]] / 24
  expect_equal(unname(predict(fit, short)), rep(right, 3))
  expect_error(predict(fit, short, type = "terms"), class = "glmpp_error_newdata")
  expect_warning(predict(glmpp(y ~ as.numeric(time - start), poisson, transform(d, start = time - c(60, 86400))), short[1, ]),
                 class = "glmpp_warning_whole_data")
})

test_that("fits from afar hold new rows to the units of their parts", {
  set.seed(56)
  d <- data.frame(day = as.Date("2024-03-01") + 0:59, y = rpois(60, 3))
  d$wait <- as.difftime(seq(1, 30, length.out = 60), units = "days")
  new <- d[c(3, 30), ]
  other <- transform(new, day = as.POSIXct(format(day), tz = "UTC"))
  units(other$wait) <- "hours"
  for (formula in list(y ~ wait, y ~ as.numeric(wait), y ~ day, y ~ as.numeric(day))) {
    fit <- glmpp(formula, poisson, chunks_of(d, 25))
    expect_equal(coef(fit), coef(glmpp(formula, poisson, d)), tolerance = 1e-8)
    expect_equal(predict(fit, other), predict(fit, new))
  }
})

test_that("hours and classes of times are those of the fit", {
  set.seed(54)
  d <- data.frame(time = as.POSIXct("2024-05-01 22:00:00", tz = "America/New_York") + 3600 * 1:60, y = rpois(60, 3))
  d$half <- ifelse(as.integer(format(d$time, "%H")) < 12, "am", "pm")
  fit <- glmpp(y ~ I(format(time, "%H") < "12"), poisson, d)
  elsewhere <- d
  attr(elsewhere$time, "tzone") <- "Asia/Tokyo"
  expect_equal(predict(fit, elsewhere), predict(fit, d))
  d$season <- structure(seq(2000, 2014.75, by = 0.25), class = "quarters_since")
  is.numeric.quarters_since <- function(x) FALSE
  registerS3method("is.numeric", "quarters_since", is.numeric.quarters_since)
  fit <- glmpp(y ~ season, poisson, d)
  expect_equal(unname(predict(fit, d)), unname(fit$linear.predictors))
  expect_error(predict(fit, data.frame(season = as.Date("2010-01-01"))), class = "glmpp_error_newdata")
  expect_error(predict(glmpp(y ~ as.Date(time), poisson, d), transform(d, time = season)), class = "glmpp_error_newdata")
  expect_error(predict(glmpp(y ~ as.Date(time), poisson, d), data.frame(time = "2024-05-01")), class = "glmpp_error_newdata")
})

test_that("an offset that all rows make is told", {
  set.seed(55)
  d <- data.frame(y = rpois(40, 4), x = rnorm(40), e = runif(40, 1, 9))
  fit <- glmpp(y ~ x, poisson, d, offset = log(e / mean(e)))
  expect_silent(predict(fit, d))
  expect_warning(predict(fit, d[1:9, ]), class = "glmpp_warning_whole_data")
  fit <- glmpp(y ~ x + offset(log(e / max(e))), poisson, d)
  expect_warning(predict(fit, d[d$e < 5, ]), class = "glmpp_warning_whole_data")
})

test_that("units of measurement are converted", {
  skip_if_not_installed("units")
  d <- data.frame(y = rpois(40, 3), km = units::set_units(seq(1, 9, length.out = 40), "km"))
  new <- d[c(2, 20), ]
  in_metres <- new
  in_metres$km <- units::set_units(new$km, "m")
  for (formula in list(y ~ km, y ~ as.numeric(km))) {
    fit <- glmpp(formula, poisson, d)
    expect_equal(predict(fit, in_metres), predict(fit, new))
  }
  in_metres$km <- units::set_units(1:2, "kg")
  expect_error(predict(fit, in_metres), class = "glmpp_error_newdata")
})

test_that("terms that take their values from all rows are told from others", {
  set.seed(53)
  d <- data.frame(y = rpois(50, 3), x = rnorm(50), z = runif(50), g = sample(c("b", "c", "a"), 50, TRUE))
  double <- function(x) 2 * x
  middle <- 0.3
  whole <- list(~ I(x - mean(x)), ~ I(z / max(z)), ~ I(x > median(x)), ~ rank(z), ~ as.integer(factor(g)), ~ I(z == max(z)),
                ~ ave(x, g), ~ cumsum(x), ~ I(x - min(x)), ~ log(1 + scale(z)^2), ~ I(x > x[1]))
  single <- list(~ I(x - 0.2), ~ double(x), ~ I(x > middle), ~ cut(x, c(-9, 0, 9)), ~ scale(x), ~ poly(x, 2), ~ factor(g), ~ g:x,
                 ~ splines::ns(x, 3), ~ as.numeric(g == "a"), ~ ifelse(x > 0, x, 0), ~ relevel(factor(g), ref = "c"))
  for (formula in c(whole, single)) {
    fit <- glmpp(stats::update(formula, y ~ .), poisson, d)
    label <- deparse1(formula)
    expect_silent(predict(fit, d))
    if (any(vapply(whole, identical, NA, formula))) {
      expect_warning(predict(fit, d[1:20, ]), class = "glmpp_warning_whole_data", label = label)
      expect_warning(predict(glmpp(stats::update(formula, y ~ .), poisson, d, keep = "summary"), d[1:20, ]),
                     class = "glmpp_warning_whole_data", label = label)
    } else {
      expect_silent(predict(fit, d[1:20, ]))
    }
  }
  x <- d$x
  y <- d$y
  expect_warning(predict(glmpp(y ~ I(x - mean(x)), poisson), data.frame(x = 1:3)), class = "glmpp_warning_whole_data")
  classes <- glmpp(g ~ I(x - mean(x)), multinomial(), d)
  expect_warning(predict(classes, d[1:9, ]), class = "glmpp_warning_whole_data")
  some <- glmpp(y ~ I(x - mean(x)), poisson, d, subset = z > 0.5)
  expect_warning(predict(some, d[1:9, ]), class = "glmpp_warning_whole_data")
})
