# Robust covariances of many kinds of fits beside sandwich.

robust_data <- with_local_seed(41, {
  n <- 600
  data <- data.frame(x = rnorm(n), z = runif(n), g = factor(sample(letters[1:4], n, TRUE)), many = factor(sample(200, n, TRUE)),
                     id = sample(50, n, TRUE),
                     year = sample(8, n, TRUE), w = sample(1:3, n, TRUE), e = runif(n, 0.5, 2))
  data$count <- rpois(n, data$e * exp(0.3 * data$x + rnorm(50, 0, 0.3)[data$id]))
  data$hit <- rbinom(n, 1, plogis(data$x - data$z))
  data$size <- rgamma(n, 2, 2 / exp(0.2 * data$x))
  data$same <- data$x - data$z
  data$holes <- replace(data$x, c(5, 77, 300), NA)
  data
})

robust_fits <- function() {
  d <- robust_data
  list(
    plain = glmpp(hit ~ x + g, binomial, d), weights = glmpp(hit ~ x + z, binomial, d, weights = w),
    offset = glmpp(count ~ x + g + offset(log(e)), poisson, d), aliased = glmpp(count ~ x + z + same + g, poisson, d),
    gamma = glmpp(size ~ x + g, Gamma("log"), d), gaussian = glmpp(size ~ x * z, gaussian, d, weights = w),
    exclude = glmpp(count ~ holes + g, poisson, d, na.action = na.exclude), many = glmpp(size ~ many + x, gaussian, d),
    quasi = glmpp(count ~ x, quasipoisson("sqrt"), d)
  )
}

test_that("HC0 to HC4m are sandwich's", {
  skip_if_not_installed("sandwich")
  fits <- robust_fits()
  for (name in names(fits)) {
    fit <- fits[[name]]
    plain <- as.glm(fit)
    for (type in c("HC0", "HC1", "HC2", "HC3", "HC4", "HC4m")) {
      # A level with one row fits it, whatever it is.
      if (name == "many" && !type %in% c("HC0", "HC1")) next
      expect_equal(vcov(fit, complete = FALSE, type = type), sandwich::vcovHC(plain, type), tolerance = 1e-8, label = paste(name, type))
      expect_equal(sandwich::vcovHC(fit, type), sandwich::vcovHC(plain, type), tolerance = 1e-8, label = paste(name, type))
    }
  }
})

test_that("clusters in one way and in two are sandwich's, of every type, with and without the factor of the clusters", {
  skip_if_not_installed("sandwich")
  fits <- robust_fits()
  for (name in names(fits)) {
    fit <- fits[[name]]
    plain <- as.glm(fit)
    for (type in c("HC0", "HC1", if (name != "many") c("HC2", "HC3"))) for (cluster in list(~id, ~ id + year)) for (cadjust in c(TRUE, FALSE)) {
      expected <- sandwich::vcovCL(plain, cluster, type = type, cadjust = cadjust)
      expect_equal(vcov(fit, complete = FALSE, type = type, cluster = cluster, cadjust = cadjust), expected, tolerance = 1e-8,
                   ignore_attr = TRUE, label = paste(name, type, deparse1(cluster), cadjust))
    }
  }
})

test_that("Newey and West's covariance is sandwich's", {
  skip_if_not_installed("sandwich")
  d <- robust_data
  d$time <- rev(seq_len(nrow(d)))
  for (name in names(fits <- robust_fits())) {
    fit <- fits[[name]]
    plain <- as.glm(fit)
    for (lag in list(NULL, 1, 7)) for (prewhite in c(FALSE, if (name != "many") TRUE)) {
      expect_equal(vcov(fit, complete = FALSE, type = newey_west(lag = lag, prewhite = prewhite)),
                   sandwich::NeweyWest(plain, lag = lag, prewhite = prewhite), tolerance = 1e-7, ignore_attr = TRUE,
                   label = paste(name, lag, prewhite))
    }
  }
  fit <- glmpp(count ~ x + g, poisson, d)
  expect_equal(vcov(fit, type = newey_west(~time, lag = 4)),
               sandwich::NeweyWest(as.glm(fit), lag = 4, prewhite = FALSE, order.by = ~time, data = d),
               tolerance = 1e-8, ignore_attr = TRUE)
  expect_output(print(summary(fit, vcov = newey_west(~time, lag = 4))), "Newey-West, lag 4, in the order of time", fixed = TRUE)
})

test_that("rows without weight count for nothing", {
  d <- robust_data
  d$w[1:50] <- 0
  all <- glmpp(hit ~ x + z, binomial, d, weights = w)
  rest <- glmpp(hit ~ x + z, binomial, d[-(1:50), ], weights = w)
  for (type in c("HC0", "HC1", "HC3", "HC4")) expect_equal(vcov(all, type = type), vcov(rest, type = type), tolerance = 1e-8, label = type)
  for (type in c("HC0", "HC2", "HC3")) expect_equal(vcov(all, type = type, cluster = ~id), vcov(rest, type = type, cluster = ~id), tolerance = 1e-8)
})

test_that("a cluster whose residuals its own column fits has the pseudo-inverse", {
  d <- robust_data
  d$only <- as.numeric(d$id == 7)
  fit <- glmpp(size ~ x + only, gaussian, d)
  expect_true(all(is.finite(vcov(fit, type = "HC3", cluster = ~id))))
})

test_that("what can't be had is refused", {
  d <- robust_data
  fit <- glmpp(hit ~ x, binomial, d)
  expect_error(newey_west("time"), class = "glmpp_error_argument")
  expect_error(newey_west(~ a + b), class = "glmpp_error_argument")
  expect_error(newey_west(lag = -1), class = "glmpp_error_argument")
  expect_error(vcov(fit, type = newey_west(~holes)), class = "glmpp_error_argument")
  expect_error(vcov(fit, type = newey_west(~nowhere)), class = "glmpp_error_cluster")
  expect_error(vcov(fit, type = "HC1", cadjust = FALSE), class = "glmpp_error_argument")
  expect_error(vcov(fit, type = "HC4", cluster = ~id), class = "glmpp_error_argument")
  file <- tempfile(fileext = ".csv")
  write.csv(d, file, row.names = FALSE)
  afar <- glmpp(hit ~ x, binomial, csv_chunks(file))
  expect_error(vcov(afar, type = newey_west(~id)), class = "glmpp_error_rows")
  expect_error(vcov(afar, type = "HC3", cluster = ~id), class = "glmpp_error_covariance")
  expect_equal(vcov(afar, type = "HC1", cluster = ~id, cadjust = FALSE), vcov(fit, type = "HC1", cluster = ~id, cadjust = FALSE), tolerance = 1e-9)
})

test_that("clusters are those of the rows of the fit, in whatever order its data are now", {
  d <- robust_data
  fit <- glmpp(hit ~ x, binomial, d)
  expected <- vcov(fit, type = "HC1", cluster = ~id)
  d <- d[rev(seq_len(nrow(d))), ]
  expect_equal(vcov(fit, type = "HC1", cluster = ~id), expected)
  d <- robust_data[sample(nrow(d)), ]
  row.names(d) <- NULL
  expect_error(vcov(fit, type = "HC1", cluster = ~id), class = "glmpp_error_cluster")
  d <- robust_data
  again <- refit(fit, y = d$hit)
  id <- rep(1:2, 300)
  expect_equal(vcov(again, type = "HC1", cluster = ~id), expected)
  expect_equal(add1(again, ~ . + z)$Deviance, add1(fit, ~ . + z)$Deviance)
})

test_that("ids of many digits, and of other classes, are told apart", {
  d <- transform(robust_data, long = 1e15 + id, text = paste("id", id), big = factor(id, levels = 0:60))
  fit <- glmpp(count ~ x, poisson, d)
  levels <- glmpp(factor(count > 1) ~ x, multinomial(), d)
  for (type in c("HC0", "HC1", "HC3")) for (formula in list(~long, ~text, ~big, ~ long + year, ~ year + big)) {
    plain <- if (length(all.vars(formula)) == 1) ~id else ~ id + year
    expect_equal(vcov(fit, type = type, cluster = formula), vcov(fit, type = type, cluster = plain), tolerance = 1e-12)
    if (type != "HC3") expect_equal(vcov(levels, type = type, cluster = formula), vcov(levels, type = type, cluster = plain), tolerance = 1e-12)
  }
  nodes <- on_cluster(local_cluster(), d[seq(part, nrow(d), by = parts), ])
  for (source in list(chunks_of(d, 200), nodes)) {
    afar <- glmpp(count ~ x, poisson, source)
    for (formula in list(~long, ~ long + year)) {
      plain <- if (length(all.vars(formula)) == 1) ~id else ~ id + year
      expect_equal(vcov(afar, type = "HC1", cluster = formula), vcov(fit, type = "HC1", cluster = plain), tolerance = 1e-9)
    }
  }
  skip_if_not_installed("bit64")
  d$order <- sample(nrow(d))
  d$order64 <- bit64::as.integer64(d$order)
  fit <- glmpp(count ~ x, poisson, d)
  expect_equal(vcov(fit, type = newey_west(~order64, lag = 3)), vcov(fit, type = newey_west(~order, lag = 3)))
  expect_equal(vcov(fit, type = newey_west(lag = 0)), vcov(fit, type = "HC0"))
})

test_that("clusters without weight are none, and one cluster is too few", {
  d <- transform(robust_data, w = as.numeric(id > 10), one = 1)
  some <- glmpp(count ~ x, poisson, d, weights = w)
  rest <- glmpp(count ~ x, poisson, d, subset = id > 10)
  for (type in c("HC0", "HC1", "HC2", "HC3")) for (cluster in list(~id, ~ id + year)) {
    expect_equal(vcov(some, type = type, cluster = cluster), vcov(rest, type = type, cluster = cluster), tolerance = 1e-8)
  }
  file <- tempfile(fileext = ".csv")
  write.csv(d, file, row.names = FALSE)
  afar <- glmpp(count ~ x, poisson, csv_chunks(file, rows = 150), weights = w)
  expect_equal(vcov(afar, type = "HC1", cluster = ~id), vcov(rest, type = "HC1", cluster = ~id), tolerance = 1e-8)
  expect_error(summary(some, vcov = ~one), class = "glmpp_error_cluster")
  expect_error(bootstrap(some, R = 9, cluster = ~one), class = "glmpp_error_cluster")
})
