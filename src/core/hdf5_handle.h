#pragma once

#include <hdf5.h>

namespace lithoclase
{
/// Owns an identifier of HDF5.
class Hdf5Handle
{
public:
  Hdf5Handle(const hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Hdf5Handle() { release(); }
  Hdf5Handle(const Hdf5Handle &) = delete;
  Hdf5Handle &operator=(const Hdf5Handle &) = delete;

  operator hid_t() const { return id_; }
  bool release() ///< closes it; false if that failed
  {
    const bool closed = id_ < 0 || close_(id_) >= 0;
    id_ = H5I_INVALID_HID;
    return closed;
  }

private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

/// Switches off the stack of messages that HDF5 prints.
class QuietHdf5
{
public:
  QuietHdf5()
  {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~QuietHdf5() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }
  QuietHdf5(const QuietHdf5 &) = delete;
  QuietHdf5 &operator=(const QuietHdf5 &) = delete;

private:
  H5E_auto2_t function_ = nullptr;
  void *data_ = nullptr;
};
} // namespace lithoclase
