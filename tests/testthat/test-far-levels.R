parts_of <- function(parts) {
  given <- 0
  chunks(function(reset) {
    given <<- if (reset) 0 else given + 1
    if (!reset && given <= length(parts)) parts[[given]]
  })
}

clinic <- function() {
  set.seed(2)
  data <- data.frame(x = rnorm(300), dose = factor(sample(c("none", "half", "full"), 300, TRUE), c("none", "half", "full")))
  data$status <- factor(ifelse(runif(300) < plogis(0.8 * data$x), "case", "healthy"), c("healthy", "case"))
  data
}

test_that("success is the second level, whichever class a part has", {
  data <- clinic()
  by_class <- split(data, data$status)
  sorted <- do.call(rbind, rev(by_class))
  for (family in list(binomial(), quasibinomial())) {
    plain <- glm(status ~ x + dose, family, data, epsilon = 1e-12)
    for (parts in list(by_class, rev(by_class))) {
      expect_equal(coef(glmpp(status ~ x + dose, family, parts_of(parts))), coef(plain), tolerance = 1e-8)
    }
  }
  files <- vapply(by_class, function(part) {
    file <- new_file(".csv")
    utils::write.csv(part, file, row.names = FALSE)
    file
  }, "")
  said <- factor(status, levels = c("healthy", "case")) ~ x
  expect_equal(unname(coef(glmpp(said, binomial, csv_chunks(files)))), unname(coef(glm(status ~ x, binomial, data))), tolerance = 1e-6)
  skip_if_not_installed("nanoparquet")
  for (k in 1:2) nanoparquet::write_parquet(by_class[[k]], files[k])
  expect_equal(coef(glmpp(status ~ x, binomial, parquet_chunks(files))), coef(glm(status ~ x, binomial, data)), tolerance = 1e-6)
})

test_that("orders that parts know in pieces are joined", {
  data <- clinic()
  data$dose <- factor(data$dose, ordered = TRUE)
  pairs <- split(data, rep(1:3, each = 100))
  pairs[[1]] <- droplevels(subset(pairs[[1]], dose != "full"))
  pairs[[2]] <- droplevels(subset(pairs[[2]], dose != "none"))
  whole <- do.call(rbind, lapply(pairs, function(part) transform(part, dose = factor(dose, levels(data$dose), ordered = TRUE))))
  expect_same_fit(glmpp(x ~ dose, gaussian, parts_of(pairs)), glmpp(x ~ dose, gaussian, whole))
  for (formula in list(x ~ as.integer(dose), x ~ I(dose > "half"), x ~ dose:status, x ~ droplevels(dose), x ~ interaction(dose, status))) {
    expect_same_fit(glmpp(formula, gaussian, parts_of(pairs)), glmpp(formula, gaussian, whole))
  }
})

test_that("an order that can't be known, or is not one, is asked for", {
  data <- clinic()
  alone <- lapply(split(data, data$status), droplevels)
  expect_error(glmpp(status ~ x, binomial, parts_of(alone)), "order of the levels of `status`.*chunk 1.*healthy.*chunk 2.*case.*factor\\(status, levels = \\)",
               class = "glmpp_error_levels")
  expect_same_fit(glmpp(factor(status, levels = c("healthy", "case")) ~ x, binomial,
      parts_of(lapply(alone, function(part) transform(part, status = as.character(status))))),
                  glmpp(factor(status, levels = c("healthy", "case")) ~ x, binomial, data), 1e-9)
  turned <- list(data[1:150, ], transform(data[151:300, ], dose = factor(dose, rev(levels(dose)))))
  expect_error(glmpp(x ~ dose, gaussian, parts_of(turned)), class = "glmpp_error_levels")
  mixed <- list(data[1:150, ], transform(data[151:300, ], dose = factor(dose, ordered = TRUE)))
  expect_error(glmpp(x ~ dose, gaussian, parts_of(mixed)), "ordered", class = "glmpp_error_parts")
  text <- list(data[1:150, ], transform(data[151:300, ], dose = as.character(dose)))
  expect_error(glmpp(x ~ dose, gaussian, parts_of(text)), "one type", class = "glmpp_error_parts")
})

test_that("factor() of values sorts those of all parts", {
  data <- clinic()
  data$code <- sample(c("10", "9", "2"), 300, TRUE)
  data$number <- as.numeric(data$code)
  data$day <- as.Date("2021-01-01") + sample(3, 300, TRUE)
  data <- data[order(-data$number), ]
  for (formula in list(x ~ factor(code), x ~ factor(number), x ~ ordered(number), x ~ factor(day), x ~ as.integer(factor(code)), x ~ code,
                       x ~ factor(number, labels = c("low", "mid", "top")), x ~ interaction(code, status))) {
    expect_same_fit(glmpp(formula, gaussian, chunks_of(data, 40)), glmpp(formula, gaussian, data), 1e-9)
  }
})

test_that("missing values may be a level, and a base may be missing from a part", {
  data <- clinic()
  data$ward <- sample(c("B", "A", NA), 300, TRUE)
  data$wing <- factor(sample(c("w", "e"), 300, TRUE))
  data <- data[order(data$ward, data$wing), ]
  own <- function() parts_of(lapply(split(data, rep(1:10, each = 30)), droplevels))
  for (formula in list(x ~ addNA(ward), x ~ factor(ward, exclude = NULL), x ~ relevel(factor(ward), "B"), x ~ relevel(wing, "w"), x ~ addNA(wing),
                       x ~ as.integer(addNA(ward)), x ~ 0 + addNA(ward))) {
    memory <- glmpp(formula, gaussian, data)
    expect_same_fit(glmpp(formula, gaussian, chunks_of(data, 40)), memory, 1e-9)
    expect_equal(coef(tryCatch(glmpp(formula, gaussian, own()), glmpp_error_levels = function(e) memory)), coef(memory), tolerance = 1e-9)
  }
})

test_that("orders are joined where there is one way", {
  join <- function(...) glmpp:::union_of_orders(lapply(list(...), function(levels) list(levels = levels)))
  expect_equal(join(c("a", "c"), c("a", "b", "c")), c("a", "b", "c"))
  expect_equal(join(c("c", "b"), c("b", "a")), c("c", "b", "a"))
  expect_equal(join(c("a", NA), "a"), c("a", NA))
  expect_null(join("a", "b"))
  expect_null(join(c("a", "b"), c("b", "a")))
  expect_null(join(c("a", "c"), c("b", "c")))
  many <- sprintf("%05d", 1:20000)
  expect_equal(join(many[1:12000], many[9000:20000]), many)
})
